/** Writes the generated pages and lists: `npm run docs:generate`. */
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {generatedFiles, leftOver, outdated} from './generated.ts';

const root = join(import.meta.dirname, '../..');
const files = await generatedFiles();
const changed = outdated(files);
for (const path of leftOver(files)) rmSync(join(root, path));
for (const {path, text} of files.filter((file) => changed.includes(file.path))) {
	mkdirSync(dirname(join(root, path)), {recursive: true});
	writeFileSync(join(root, path), text);
}
process.stdout.write(changed.length === 0 ? 'all generated pages are current\n' : changed.map((path) => `${path}\n`).join(''));
