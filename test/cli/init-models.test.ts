import {expect, test} from 'vitest';
import {projectFolder} from '../project-folder.ts';

test('init reports a Drizzle schema and how to use it', async () => {
	const project = projectFolder({
		'drizzle.config.ts': "export default {dialect: 'sqlite', schema: './src/db/schema.ts', casing: 'snake_case'};",
		'src/db/schema.ts': "import {sqliteTable} from 'drizzle-orm/sqlite-core';",
	});
	expect(await project.lite('init')).toMatchObject({
		code: 0,
		stdout: `✔ wrote migrate.toml
✔ created migrations/

  ./src/db/schema.ts is a Drizzle schema
  next: to use it as the models, set models_dir = "./src/db/schema.ts" in migrate.toml
        casing = "snake_case"   as in drizzle.config
`,
	});
});

test('init with --models does not look for other models', async () => {
	const project = projectFolder({'src/db/schema.ts': "import {sqliteTable} from 'drizzle-orm/sqlite-core';"});
	const {stdout} = await project.lite('init', '--models', './models');
	expect(stdout).not.toContain('Drizzle');
});
