import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type Block, blocksOf, commandsOf, normal, pageText, repository, run} from '../docs/page.ts';

// Runs the first steps of the README word for word: every block in order, with the packed tarball installed in an empty folder.

const folder = mkdtempSync(join(tmpdir(), 'lite-migr-readme-'));
const project = join(folder, 'project');

const blocks = blocksOf(firstSteps(pageText('README.md')));

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
		test(`block ${number + 1}: ${block.text.split('\n')[0]}`, () => {
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

/** Writes the file that a block shows. The first line of the block is a comment with the path. */
function writeShownFile({text}: Block, into: string): void {
	const [first = '', ...lines] = text.split('\n');
	const path = join(into, first.replace(/^(\/\/|--) /, ''));
	mkdirSync(dirname(path), {recursive: true});
	writeFileSync(path, lines.join('\n'));
}
