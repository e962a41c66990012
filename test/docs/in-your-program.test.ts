import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';
import {expect, test} from 'vitest';
import {builtBin} from '../cli/built-bin.ts';
import {projectFolder} from '../project-folder.ts';
import {blocksOf, commandsOf, pageText, repository, run} from './page.ts';

test('every step of the page "In your program" works', {timeout: 120_000}, () => {
	builtBin();
	const project = projectFolder();
	mkdirSync(project.at('node_modules'));
	symlinkSync(repository, project.at('node_modules/lite-migr'));
	let commands = 0;
	for (const block of blocksOf(pageText('docs/in-your-program.md'))) {
		if (block.file !== undefined) {
			mkdirSync(dirname(project.at(block.file)), {recursive: true});
			writeFileSync(project.at(block.file), block.text);
			continue;
		}
		for (const {command, output} of commandsOf(block)) {
			commands++;
			expect(run(command.replace(/^node/, `${JSON.stringify(process.execPath)} --no-warnings`), project.path).trim()).toBe(output);
		}
	}
	expect(commands).toBe(3);
});
