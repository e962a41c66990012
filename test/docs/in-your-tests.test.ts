import {cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {builtBin} from '../cli/built-bin.ts';
import {type Block, blocksOf, commandsOf, pageText, repository, run} from './page.ts';

// Follows docs/in-your-tests.md word for word, in a project that has the built lite-migr, better-sqlite3 and Vitest installed.

const project = mkdtempSync(join(tmpdir(), 'lite-migr-in-your-tests-'));
const page = pageText('docs/in-your-tests.md');

beforeAll(() => {
	const installed = join(project, 'node_modules/lite-migr');
	mkdirSync(join(project, 'node_modules/.bin'), {recursive: true});
	cpSync(dirname(builtBin()), join(installed, 'dist'), {recursive: true});
	cpSync(join(repository, 'package.json'), join(installed, 'package.json'));
	for (const name of ['better-sqlite3', 'vitest', '.bin/vitest']) {
		symlinkSync(join(repository, 'node_modules', name), join(project, 'node_modules', name));
	}
	writeFileSync(join(project, 'package.json'), '{"type": "module"}');
});

afterAll(() => rmSync(project, {recursive: true, force: true}));

describe('every block of the page "In your tests" works', () => {
	const blocks = blocksOf(page).filter(({language, file}) => file !== undefined || language === 'console');

	test('the page has files and commands', () => {
		expect(blocks.map(({language}) => language).filter((language) => language === 'console')).toHaveLength(5);
		expect(blocks.flatMap(({file}) => file ?? [])).toHaveLength(8);
	});

	for (const [number, block] of blocks.entries()) {
		test(
			`block ${number + 1}: ${block.file ?? block.text.split('\n')[0]}`,
			() => (block.language === 'console' ? runShown(block) : writeShown(block)),
			60_000,
		);
	}
});

function writeShown({file = '', text}: Block): void {
	mkdirSync(join(project, dirname(file)), {recursive: true});
	writeFileSync(join(project, file), text);
}

/** Runs the commands of a block. Each line that it shows must be in the output. */
function runShown(block: Block): void {
	for (const {command, output} of commandsOf(block)) {
		const lines = run(`${command}; echo "exit code $?"`, project)
			.split('\n')
			.map((line) => line.trimEnd());
		const shown = output.split('\n').map((line) => line.trim());
		expect(
			lines.map((line) => line.trim()),
			lines.join('\n'),
		).toEqual(expect.arrayContaining([...shown.filter((line) => line !== ''), 'exit code 0']));
	}
}
