import {expect, test} from 'vitest';
import {projectFolder, toml} from '../../../project-folder.ts';

const model = (fields: string) =>
	`from pylite_orm import DbModel, DbField, DbType\n\nclass Score(DbModel):\n    id = DbField(db_type=DbType.INT, pk=True)\n${fields}`;

test('a column that pylite-orm 0.1.4 created as TEXT is not a difference, and a new one gets the type of its annotation', async () => {
	const project = projectFolder({
		'migrate.toml': toml,
		'models/score.py': model('    score: float = DbField()\n    size: int = DbField(db_type=DbType.INT)\n'),
	});
	project.database((db) => db.exec("CREATE TABLE score (id INTEGER PRIMARY KEY, score TEXT, size TEXT); INSERT INTO score VALUES (1, '2.5', '3')"));
	const {stdout} = await project.lite('diff');
	expect(stdout).not.toMatch(/~ score .*REAL/);
	expect(stdout).toContain('size');
	project.write('models/score.py', model('    score: float = DbField()\n    size: str = DbField()\n    rank: float = DbField()\n'));
	expect((await project.lite('diff')).stdout).toMatch(/\+ rank REAL/);
});
