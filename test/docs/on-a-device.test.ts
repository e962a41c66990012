import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {builtBin} from '../cli/built-bin.ts';
import {projectFolder, toml} from '../project-folder.ts';
import {argumentsOf, blocksOf, commandsOf, normal, pageText, repository, run} from './page.ts';

test('every step of the page "On a device" works', {timeout: 120_000}, async () => {
	builtBin();
	const project = projectFolder({'migrate.toml': toml, 'package.json': '{"type": "module"}'});
	mkdirSync(project.at('node_modules'));
	symlinkSync(repository, project.at('node_modules/lite-migr'));
	symlinkSync(join(repository, 'node_modules/sql.js'), project.at('node_modules/sql.js'));
	let commands = 0;
	for (const block of blocksOf(pageText('docs/on-a-device.md'))) {
		if (block.file !== undefined) {
			mkdirSync(dirname(project.at(block.file)), {recursive: true});
			writeFileSync(project.at(block.file), block.text);
			continue;
		}
		for (const shown of commandsOf(block)) {
			commands++;
			const [program = '', script = ''] = shown.command.split(' ');
			const output =
				program === 'node'
					? run(`${JSON.stringify(process.execPath)} --no-warnings ${script}`, project.path)
					: (await project.lite(...argumentsOf(shown))).stdout;
			expect(normal(output)).toBe(normal(shown.output));
		}
	}
	expect(commands).toBe(6);
});
