import {execFileSync, spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';

// The first page of the README, word for word: the packed tarball, installed in an empty folder, every block in order.

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'lite-migr-readme-'));
const project = join(folder, 'project');

interface Block {
	readonly language: string;
	readonly lines: readonly string[];
}

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
			if (block.language === 'ts') writeModel(block);
			else for (const {command, output} of commandsOf(block)) expect(normal(run(command))).toBe(normal(output));
		}, 60_000);
	}

	test('keep every value', () => {
		const rows = run(`node -e "console.log(JSON.stringify(require('better-sqlite3')('app.db').prepare('SELECT * FROM user ORDER BY id').all()))"`);
		expect(JSON.parse(rows)).toEqual([
			{id: 1, name: 'Ann Lee'},
			{id: 2, name: 'Bob Hart'},
		]);
	});
});

function firstSteps(readme: string): string {
	return readme.slice(readme.indexOf('## First steps'), readme.indexOf('## What it does for you'));
}

function blocksOf(text: string): readonly Block[] {
	return [...text.matchAll(/^```(console|ts)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({
		language,
		lines: body.split('\n').slice(0, -1),
	}));
}

function commandsOf({lines}: Block): readonly {readonly command: string; readonly output: string}[] {
	const commands: {command: string; output: string[]}[] = [];
	for (const line of lines) {
		if (line.startsWith('$ ')) commands.push({command: line.slice(2), output: []});
		else commands.at(-1)?.output.push(line);
	}
	return commands.map(({command, output}) => ({command, output: output.join('\n')}));
}

function writeModel({lines}: Block): void {
	const path = join(project, lines[0]?.replace('// ', '') ?? '');
	mkdirSync(dirname(path), {recursive: true});
	writeFileSync(path, `${lines.slice(1).join('\n')}\n`);
}

/** What a person sees: both streams, in order. */
function run(command: string): string {
	const {stdout} = spawnSync('sh', ['-c', `${command} 2>&1`], {
		cwd: project,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'pipe'],
		env: {...process.env, NO_COLOR: '1', LC_ALL: 'C.UTF-8', npm_config_update_notifier: 'false', npm_config_loglevel: 'silent'},
	});
	return stdout;
}

/** Times, durations and sizes differ from run to run, and so does the room that they take. */
function normal(text: string): string {
	return text
		.replace(/\d{8}(_|T)\d{6}/g, '<time>')
		.replace(/\d+(\.\d+)? (ms|s|kB)\b/g, '<size>')
		.trim();
}
