import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {projectFolder, toml} from '../../project-folder.ts';

test.each([['--version'], ['status'], ['upgrade', '--yes'], ['diff']])('%s without a terminal loads no Ink and no React', async (...argv) => {
	const folder = projectFolder({'migrate.toml': toml, 'models/schema.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY);'});
	const coverage = mkdtempSync(join(tmpdir(), 'lite-migr-coverage-'));
	onTestFinished(() => rmSync(coverage, {recursive: true}));
	// Lists every script that was loaded (https://nodejs.org/api/cli.html#node_v8_coveragedir).
	const {code} = await folder.builtLiteWith({env: {NODE_V8_COVERAGE: coverage}}, ...argv);
	expect(code).toBe(0);
	const loaded = readdirSync(coverage).flatMap((file) =>
		JSON.parse(readFileSync(join(coverage, file), 'utf8')).result.map(({url}: {url: string}) => url),
	);
	const own = loaded.filter((url: string) => url.includes('/dist/'));
	expect(own.length).toBeGreaterThan(2);
	expect(own.filter((url: string) => /createElement|react-reconciler|yoga/.test(readFileSync(new URL(url), 'utf8')))).toEqual([]);
});
