import {execFileSync, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {builtBin} from '../cli/built-bin.ts';
import {type Block, blocksOf, commandsOf, normal, pageText, repository, run} from '../docs/page.ts';

// Follows the README word for word: packs lite-migr, installs the tarball in a new package, and runs every block in order.

const folder = mkdtempSync(join(tmpdir(), 'lite-migr-readme-'));
const project = join(folder, 'project');
const readme = pageText('README.md');
let tarball = '';

beforeAll(() => {
	mkdirSync(project);
	builtBin();
	writeFileSync(join(project, 'package.json'), '{"name": "project", "version": "1.0.0"}');
	const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {cwd: repository, encoding: 'utf8'});
	tarball = join(folder, packed.trim().split('\n').at(-1) ?? '');
	const [install = ''] = blocksOf(sectionOf('Install'))[0]?.text.split('\n') ?? [];
	installFromTarball(install);
}, 120_000);

afterAll(() => rmSync(folder, {recursive: true, force: true}));

describe('the commands for a clone of the repository', () => {
	const commands = blocksOf(sectionOf('Try it')).map(({text}) => text.trim());
	const {scripts} = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {readonly scripts: Readonly<Record<string, string>>};

	test('run the demo and the tests, each on one line', () => {
		expect(commands).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
		expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test']));
	});

	test('include the test command that continuous integration runs', () => {
		expect(readFileSync(join(repository, '.ci/run'), 'utf8').split('\n')).toContain('npm ci && npm test');
	});

	test('end successfully for the demo', () => {
		const {status, stdout} = spawnSync('npm', ['run', 'demo'], {cwd: repository, encoding: 'utf8', env: {...process.env, NO_COLOR: '1'}});
		expect(status, stdout).toBe(0);
		expect(stdout).toContain('$ lite-migr create towns --rename customer.city=town');
	}, 60_000);
});

describe('the first steps of the README', () => {
	const blocks = blocksOf(sectionOf('First steps'));

	test('have blocks to run', () => {
		expect(blocks.filter(({language}) => language === 'console').length).toBeGreaterThan(3);
	});

	testEach(blocks);

	test('keep every value', () => {
		expect(usersIn(project)).toEqual([
			{id: 1, name: 'Ann Lee'},
			{id: 2, name: 'Bob Hart'},
		]);
	});
});

describe('the program in the README, in a new CommonJS package', () => {
	testEach(blocksOf(sectionOf('In your program')));

	test('applies the pending migration to the existing rows', () => {
		expect(usersIn(project)).toEqual([
			{id: 1, full_name: 'Ann Lee', age: null},
			{id: 2, full_name: 'Bob Hart', age: null},
		]);
	});

	test('runs without the development dependencies', () => {
		const {type, dependencies} = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
		expect(type ?? 'commonjs').toBe('commonjs');
		expect(dependencies).toHaveProperty('lite-migr');
		npm('prune', '--omit=dev');
		expect(existsSync(join(project, 'node_modules/lite-migr'))).toBe(true);
		expect(run('npx lite-migr downgrade --yes > log && node migrate.mjs', project)).toMatch(/^applied \d{8}_\d{6}_names\n$/);
	}, 120_000);
});

function sectionOf(heading: string): string {
	const start = readme.indexOf(`## ${heading}\n`);
	expect(start, heading).toBeGreaterThan(0);
	const end = readme.indexOf('\n## ', start);
	return readme.slice(start, end === -1 ? undefined : end + 1);
}

/** Runs the blocks of a section in order, one test per block. */
function testEach(blocks: readonly Block[]): void {
	for (const [number, block] of blocks.entries()) {
		test(`block ${number + 1}: ${block.text.split('\n')[0]}`, () => {
			if (block.language === 'sh') for (const command of block.text.trim().split('\n')) installFromTarball(command);
			else if (block.language === 'console')
				for (const {command, output} of commandsOf(block)) expect(normal(run(command, project))).toBe(normal(output));
			else writeShownFile(block, project);
		}, 120_000);
	}
}

/** Runs an `npm install … lite-migr` from the README with the packed tarball instead of the registry. */
function installFromTarball(command: string): void {
	const [program, ...args] = command.split(' ');
	expect([program, args[0], args.at(-1)]).toEqual(['npm', 'install', 'lite-migr']);
	npm(...args.slice(0, -1), '--no-audit', '--no-fund', '--silent', tarball);
}

function npm(...args: readonly string[]): void {
	execFileSync('npm', args, {cwd: project, stdio: 'pipe'});
}

function usersIn(cwd: string): unknown {
	const read = `console.log(JSON.stringify(require('better-sqlite3')('app.db').prepare('SELECT * FROM user ORDER BY id').all()))`;
	return JSON.parse(run(`node -e "${read}"`, cwd));
}

/** Writes the file that a block shows. The first line is a comment with the path. */
function writeShownFile({text}: Block, into: string): void {
	const [first = '', ...lines] = text.split('\n');
	const path = join(into, first.replace(/^(\/\/|--) /, ''));
	mkdirSync(dirname(path), {recursive: true});
	writeFileSync(path, lines.join('\n'));
}
