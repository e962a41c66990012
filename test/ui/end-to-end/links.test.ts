import {hostname} from 'node:os';
import {expect, test} from 'vitest';
import {projectFolder, toml} from '../../project-folder.ts';
import {keys} from '../emulator.ts';
import {command} from '../pseudo-terminal.ts';
import {flat, story} from './at-every-size.ts';

const capable = {TERM_PROGRAM: 'WezTerm', TMUX: undefined, STY: undefined};
const project = () => projectFolder({'migrate.toml': toml, 'models/schema.sql': 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT);'});

/** Returns the text of the links to a target, without what is between their pieces. */
function linkedTo(written: string, path: string): string {
	return [...written.matchAll(/\u001b\]8;(?:id=\w+)?;file:\/\/([^/]*)([^\u0007]*)\u0007(.*?)\u001b\]8;;\u0007/gs)]
		.filter(([, host, target]) => host === hostname() && target === path)
		.map(([, , , text]) => text?.replace(/\u001b\[[\d;]*m/g, ''))
		.join('');
}

story('the path of a new migration is a link, even if it is wrapped', async ({openWith}) => {
	const folder = project();
	const ui = openWith(capable, folder, 'create', 'a_name_that_is_longer_than_a_narrow_terminal');
	await ui.waitFor('enter write the file');
	ui.press(keys.enter);
	expect(await ui.exited).toBe(0);
	const [file = ''] = folder.files('migrations');
	expect(linkedTo(ui.written(), `${folder.path}/migrations/${file}`)).toContain(`migrations/${file}`);
	expect(flat(ui.everything())).toContain('✔ migrations/');
	expect(ui.frame()).not.toContain(']8;');
});

test('plain output on a terminal has links, and piped output has none', async () => {
	const folder = project();
	const ui = command(folder.path, ['create', 'start', '--yes'], {env: capable});
	expect(await ui.exited).toBe(0);
	const [file = ''] = folder.files('migrations');
	expect(linkedTo(ui.written(), `${folder.path}/migrations/${file}`)).toBe(`migrations/${file}`);
	folder.write('models/schema.sql', 'CREATE TABLE user (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE');
	const broken = command(folder.path, ['check'], {env: capable});
	expect(await broken.exited).toBe(1);
	expect(linkedTo(broken.written(), `${folder.path}/models/schema.sql`)).toContain('models/schema.sql');
	const piped = await folder.builtLiteWith({env: {...capable, FORCE_HYPERLINK: '1'}}, 'check');
	expect(piped.stdout + piped.stderr).not.toContain('\u001b]8');
	const json = command(folder.path, ['check', '--json'], {env: capable});
	await json.exited;
	expect(json.written()).not.toContain('\u001b]8');
});

test.each([
	['NO_COLOR', {NO_COLOR: '1'}],
	['an unknown terminal', {TERM_PROGRAM: undefined}],
	['CI', {CI: 'true'}],
])('%s: no links', async (_name, env) => {
	const folder = project();
	const ui = command(folder.path, ['create', 'start', '--yes'], {env: {...capable, VTE_VERSION: undefined, ...env}});
	expect(await ui.exited).toBe(0);
	expect(ui.written()).not.toContain('\u001b]8');
});
