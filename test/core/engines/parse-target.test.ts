import {expect, test} from 'vitest';
import {parseTarget, targetName} from '../../../source/core/engines/parse-target.ts';
import {MigrError} from '../../../source/core/errors.ts';

test.each([
	['app.db', {kind: 'file', path: 'app.db'}],
	['./a:b.db', {kind: 'file', path: './a:b.db'}],
	['C:\\data\\x.db', {kind: 'file', path: 'C:\\data\\x.db'}],
	['c:/data/x.db', {kind: 'file', path: 'c:/data/x.db'}],
	['file:app%20one.db', {kind: 'file', path: 'app one.db'}],
	['file:./app.db', {kind: 'file', path: './app.db'}],
	['file:///var/app%20one.db', {kind: 'file', path: '/var/app one.db'}],
	['d1:shop', {kind: 'd1', database: 'shop'}],
	['d1-local:shop', {kind: 'd1-local', database: 'shop'}],
	['libsql://shop-ann.turso.io', {kind: 'libsql', url: 'https://shop-ann.turso.io/'}],
	['libsql://127.0.0.1:8080?tls=0', {kind: 'libsql', url: 'http://127.0.0.1:8080/'}],
	['https://db.example.com/shop', {kind: 'libsql', url: 'https://db.example.com/shop'}],
	['HTTP://localhost:8080', {kind: 'libsql', url: 'http://localhost:8080/'}],
	['rqlite://localhost', {kind: 'rqlite', url: 'http://localhost:4001/'}],
	['rqlite://localhost:80', {kind: 'rqlite', url: 'http://localhost/'}],
	['rqlites://[::1]:4001/', {kind: 'rqlite', url: 'https://[::1]:4001/'}],
])('reads %s', (text, target) => {
	expect(parseTarget(text, 'usage')).toEqual(target);
});

test.each([
	['', 'the name of the database is empty'],
	[':memory:', ':memory: would be empty again'],
	['file::memory:', 'names no file'],
	['file:app.db?mode=ro', 'must not have parameters'],
	['file://host/app.db', 'is not valid'],
	['d1:', 'needs the name of a database'],
	['d1:a/b', 'needs the name of a database'],
	['postgres://localhost/app', 'cannot open postgres: databases'],
	['mysql:app', 'cannot open mysql: databases'],
	['wss://host', 'wss: addresses are not supported'],
	['libsql:host', 'this libsql: address is not valid'],
	['libsql://host?authToken=very-secret', 'must not contain a token'],
	['https://ann:very-secret@host', 'must not contain a token'],
	['rqlite://ann:very-secret@host:4001', 'must not contain a password'],
	['rqlite://host:4001/db', 'only a host and a port'],
	['https://host?very-secret=1', 'must not have parameters'],
])('refuses %s and repeats no secret', (text, message) => {
	for (const code of ['usage', 'config'] as const) {
		const error = caught(() => parseTarget(text, code));
		expect(error).toMatchObject({code, message: expect.stringContaining(message), hint: expect.stringMatching(/./)});
		expect(`${error.message} ${error.hint}`).not.toContain('very-secret');
	}
});

test('names a target for messages', () => {
	expect(
		['d1:shop', 'libsql://h.turso.io', 'http://h:8080/shop', 'rqlite://127.0.0.1'].map((text) => targetName(parseTarget(text, 'usage') as never)),
	).toEqual(['d1 shop', 'libsql h.turso.io', 'libsql h:8080/shop', 'rqlite 127.0.0.1:4001']);
});

function caught(work: () => unknown): MigrError {
	try {
		work();
	} catch (error) {
		if (error instanceof MigrError) return error;
		throw error;
	}
	throw new Error('nothing was thrown');
}
