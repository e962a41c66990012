import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {blocksOf, commandsOf, normal, run, writeShownFile} from './document.ts';

// The first page of the README, word for word: the packed tarball, installed in an empty folder, every block in order.

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'lite-migr-readme-'));
const project = join(folder, 'project');

const blocks = blocksOf(firstSteps(readFileSync(join(repository, 'README.md'), 'utf8')));

beforeAll(() => {
	mkdirSync(project);
	writeFileSync(join(project, 'package.json'), '{"private": true}');
	const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
		cwd: repository,
		encoding: 'utf8',
	}).trim();
	execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', join(folder, packed.split('\n').at(-1) ?? '')], {
		cwd: project,
		stdio: 'pipe',
	});
}, 120_000);

afterAll(() => rmSync(folder, {recursive: true, force: true}));

describe('the first steps of the README', () => {
	test('have blocks to run', () => {
		expect(blocks.filter(({language}) => language === 'console').length).toBeGreaterThan(3);
	});

	for (const [number, block] of blocks.entries()) {
		test(`block ${number + 1}: ${block.lines[0]}`, () => {
			if (block.language === 'ts') writeShownFile(block, project);
			else for (const {command, output} of commandsOf(block)) expect(normal(run(command, project))).toBe(normal(output));
		}, 60_000);
	}

	test('keep every value', () => {
		const rows = run(
			`node -e "console.log(JSON.stringify(require('better-sqlite3')('app.db').prepare('SELECT * FROM user ORDER BY id').all()))"`,
			project,
		);
		expect(JSON.parse(rows)).toEqual([
			{id: 1, name: 'Ann Lee'},
			{id: 2, name: 'Bob Hart'},
		]);
	});
});

function firstSteps(readme: string): string {
	return readme.slice(readme.indexOf('## First steps'), readme.indexOf('## What it does for you'));
}
