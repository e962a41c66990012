import {linkSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {MigrError} from '../../../../source/core/errors.ts';
import {requireContent} from '../../../../source/core/migrations/fleet/failure.ts';
import {findTargets} from '../../../../source/core/migrations/fleet/find-targets.ts';
import {isPattern} from '../../../../source/core/migrations/fleet/is-pattern.ts';
import {temporaryFolder} from '../../sqlite/temporary-folder.ts';

const folder = temporaryFolder();

function folderWith(...names: readonly string[]): string {
	for (const name of names) {
		mkdirSync(dirname(folder.at(name)), {recursive: true});
		writeFileSync(folder.at(name), '');
	}
	return folder.path;
}

function problemOf(work: () => unknown): MigrError {
	try {
		work();
	} catch (error) {
		if (error instanceof MigrError) return error;
		throw error;
	}
	throw new Error('it did not throw');
}

describe('a pattern', () => {
	test('finds files in the order of their names, relative to the folder', () => {
		const cwd = folderWith('tenants/b.db', 'tenants/a.db', 'other.db');
		expect(findTargets({named: ['tenants/*.db'], cwd}).databases).toEqual([join('tenants', 'a.db'), join('tenants', 'b.db')]);
		expect(findTargets({named: ['{other,nothing}.db'], cwd}).databases).toEqual(['other.db']);
	});

	test('skips files of SQLite, backups and folders, and says so', () => {
		const cwd = folderWith('a.db', 'a.db-wal', 'a.db-shm', 'b.db-journal', 'backups/a-20261122T175203-names.db', 'd.db/x');
		const {databases, skipped} = findTargets({named: ['**/*.db*'], cwd});
		expect(databases).toEqual(['a.db']);
		expect(Object.fromEntries(skipped.map(({name, reason}) => [name, reason]))).toEqual({
			'a.db-wal': 'a file that SQLite keeps next to a database',
			'a.db-shm': 'a file that SQLite keeps next to a database',
			'b.db-journal': 'a file that SQLite keeps next to a database',
			[join('backups', 'a-20261122T175203-names.db')]: 'a backup',
			'd.db': 'not a file',
		});
	});

	test('names a file once, even if links and other patterns lead to it', () => {
		const cwd = folderWith('a.db', 'b.db');
		symlinkSync(join(cwd, 'a.db'), join(cwd, 'c.db'));
		linkSync(join(cwd, 'b.db'), join(cwd, 'd.db'));
		const {databases, skipped} = findTargets({named: ['*.db', 'a*', join(cwd, 'b.db')], cwd});
		expect(databases).toEqual(['a.db', 'b.db']);
		expect(skipped.map(({name}) => name)).toEqual(['c.db', 'd.db', 'a.db', join(cwd, 'b.db')]);
	});

	test('finds links that form a loop, which are reported when they are opened', () => {
		const cwd = folderWith('a.db');
		symlinkSync('b.db', join(cwd, 'b.db'));
		expect(findTargets({named: ['*.db'], cwd}).databases).toEqual(['a.db', 'b.db']);
		expect(problemOf(() => requireContent(join(cwd, 'b.db'), 'upgrade'))).toMatchObject({
			code: 'files',
			message: `cannot open ${join(cwd, 'b.db')}: its symbolic links form a loop`,
		});
	});

	test('that matches nothing, or only skipped files, is an error', () => {
		const cwd = folderWith('a.db-wal');
		expect(problemOf(() => findTargets({named: ['*.db'], cwd}))).toMatchObject({code: 'usage', message: 'no database matches *.db'});
		expect(problemOf(() => findTargets({named: ['a.*'], cwd})).details).toEqual(['the only match is skipped: a.db-wal']);
	});

	test('is not a pattern if a file has this name, or if it is an address', () => {
		const cwd = folderWith('a[1].db', 'a1.db');
		expect(isPattern('a[1].db', cwd)).toBe(false);
		expect(isPattern('a[2].db', cwd)).toBe(true);
		expect(isPattern('libsql://host?tls=0', cwd)).toBe(false);
		expect(findTargets({named: ['a[1].db'], cwd}).databases).toEqual(['a[1].db']);
	});
});

describe('a list', () => {
	test('has one path, pattern or address per line, and comments', () => {
		const cwd = folderWith('a.db', 'b.db');
		const list = '\ufeff# all tenants\r\n  a.db\r\n\r\nb*\nlibsql://one.example\nlibsql://one.example\n';
		const {databases, skipped} = findTargets({named: [], list, cwd});
		expect(databases).toEqual(['a.db', 'b.db', 'libsql://one.example']);
		expect(skipped).toEqual([{name: 'libsql://one.example', reason: 'named before'}]);
	});

	test('keeps a path that does not exist, because it is reported with the others', () => {
		expect(findTargets({named: [], list: 'missing.db\n', cwd: folderWith()}).databases).toEqual(['missing.db']);
	});

	test('that is empty is an error', () => {
		expect(problemOf(() => findTargets({named: [], list: '# none\n\n', cwd: folderWith()}))).toMatchObject({
			code: 'usage',
			message: 'the list of databases is empty',
		});
	});

	test('with an address that cannot be opened is an error', () => {
		expect(problemOf(() => findTargets({named: [], list: 'ws://host\n', cwd: folderWith()}))).toMatchObject({code: 'usage'});
	});
});
