import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';

const root = join(import.meta.dirname, '../..');
const workflow = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8');

test('a release has a provenance statement: the workflow can sign it, and the package asks npm for it', () => {
	expect(workflow).toMatch(/^ {4}permissions:\n {6}contents: read\n(?: {6}#.*\n)* {6}id-token: write$/m);
	const {publishConfig, repository} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	expect(publishConfig).toEqual({access: 'public', provenance: true});
	// npm compares it with the repository of the workflow, which names itself.
	expect(repository === undefined || JSON.stringify(repository).includes('git')).toBe(true);
	expect(workflow).toContain('"repository.url=git+https://github.com/$GITHUB_REPOSITORY.git"');
});

test('a release is published only if the tag is the version and all checks pass', () => {
	const steps = ['test "$GITHUB_REF_NAME" = "v$(node --print', 'run: bash .ci/run', 'run: npm pkg set', 'run: npm publish'].map((step) =>
		workflow.indexOf(step),
	);
	expect(steps).toEqual(steps.toSorted((a, b) => a - b));
	expect(steps[0]).toBeGreaterThan(0);
	expect(workflow).not.toMatch(/continue-on-error|\|\| true/);
});
