/** Serves or builds the site: `npm run docs`, `npm run docs:build`. Installs VitePress first if it is missing. */
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';

const site = import.meta.dirname;
const vitepress = join(site, 'node_modules/vitepress/bin/vitepress.js');

function run(command: string, argv: readonly string[]): void {
	const {status, error} = spawnSync(command, argv, {stdio: 'inherit'});
	if (error !== undefined) throw error;
	if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(vitepress)) run('npm', ['ci', '--prefix', site, '--no-audit', '--no-fund']);
const [action = 'dev', ...options] = process.argv.slice(2);
run(process.execPath, [vitepress, action, site, ...options]);
