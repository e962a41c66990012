import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import Database from 'better-sqlite3';

// What a fleet is compared with: the same changes by plain SQL, in one process, without any check. node bench/bare-fleet.ts FOLDER

const folder = process.argv[2] ?? '';
for (const name of readdirSync(folder).filter((file) => file.endsWith('.db'))) {
	const db = new Database(join(folder, name));
	db.pragma('foreign_keys = OFF');
	db.exec(`BEGIN IMMEDIATE;
		CREATE TABLE new_user (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, age TEXT);
		INSERT INTO new_user SELECT id, name, age FROM user;
		DROP TABLE user;
		ALTER TABLE new_user RENAME TO user;
		CREATE INDEX user_name ON user (name);
		INSERT INTO _lite_migr (name) VALUES ('a');
		CREATE TABLE new_post (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id), title TEXT DEFAULT '', body TEXT);
		INSERT INTO new_post SELECT id, user_id, title, body FROM post;
		DROP TABLE post;
		ALTER TABLE new_post RENAME TO post;
		CREATE INDEX post_user ON post (user_id);
		INSERT INTO _lite_migr (name) VALUES ('b');
		COMMIT`);
	db.close();
}
