import {beforeAll, describe, expect, test} from 'vitest';
import {generatedFiles, outdated} from '../../site/generate/generated.ts';
import {commands} from '../../source/commands/registry.ts';

let files: Awaited<ReturnType<typeof generatedFiles>>;

beforeAll(async () => {
	files = await generatedFiles();
});

/** Returns the text of a generated file. */
function textOf(path: string): string {
	return files.find((file) => file.path === path)?.text ?? '';
}

describe('the generated pages', () => {
	test('are current: npm run docs:generate', () => {
		expect(outdated(files)).toEqual([]);
	});

	test.each(Object.keys(commands))('describe the flags, exit codes, examples and JSON of %s', (name) => {
		const headings = [...textOf(`docs/commands/${name}.md`).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
		expect(headings).toEqual(expect.arrayContaining(['Global flags', 'Exit codes', 'Examples', 'JSON']));
	});

	test('say for every error code what it means, the state of the database, and what to do', () => {
		const sections = textOf('docs/reference/error-codes.md')
			.split(/^## (?=`)/m)
			.slice(1);
		expect(sections.length).toBeGreaterThan(15);
		for (const section of sections) {
			expect(section).toMatch(/^`\w+`\n\n[A-Z`][^\n]+\.\n\nDatabase: .+\.\n\nNext: .+\.\n\nExit code: \d+/);
		}
	});

	test('list all fields of a type, including those of an inner object and of the type that it extends', () => {
		expect(textOf('docs/reference/json/status.md')).toContain('| `applied[].renamedFrom?` | `string` | The name in the history of the database');
		expect(textOf('docs/reference/json/create.md')).toContain('| `questions` | [`Question`](questions.md#question)`[]` | Open questions.');
	});
});
