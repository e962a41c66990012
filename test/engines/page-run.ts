import {splitStatements} from '../../source/core/ddl/split.ts';
import {argumentsOf, blocksOf, commandsOf, pageText} from '../docs/page.ts';
import {remoteProject} from './remote-project.ts';
import {type Rig, startD1, startRqlite, startSqld} from './rigs.ts';

/** The pages with an example, and the address that represents a real server in each. */
export const pages = {
	d1: {start: startD1, shown: undefined},
	libsql: {start: startSqld, shown: 'libsql://shop-ann.turso.io'},
	rqlite: {start: startRqlite, shown: 'rqlite://db1.example.com:4001'},
} as const;

/**
 * Follows a page of docs/engines on a real server: writes its files, runs its SQL as another client would, and its commands. Returns the page with the
 * output of each command.
 */
export async function runPage(name: keyof typeof pages): Promise<string> {
	const {start, shown} = pages[name];
	const rig: Rig = await start();
	try {
		const project = remoteProject(rig, {hasConfig: false});
		const real = (text: string): string => (shown === undefined ? text : text.replaceAll(shown, rig.db));
		const asShown = (text: string): string =>
			shown === undefined
				? text
				: text
						.replaceAll(rig.db, shown)
						.replaceAll(new URL(rig.db).host, new URL(shown).host)
						.replaceAll(`127.0.0.1-${rig.port}`, new URL(shown).host.replace(':', '-'));
		let page = pageText(`docs/engines/${name}.md`);
		for (const block of blocksOf(page)) {
			if (block.file !== undefined) project.write(block.file, block.text);
			else if (block.language === 'sql') await project.exec(...splitStatements(block.text).map(({text}) => text));
			else if (block.language === 'console') {
				let filled = '';
				for (const command of commandsOf(block)) {
					const {stdout, stderr} = await project.lite(...argumentsOf(command).map(real));
					filled += `$ ${command.command}\n${asShown(stdout + stderr).replaceAll(`${project.path}/`, '')}`;
				}
				page = page.replace(block.text, () => filled);
			}
		}
		return page;
	} finally {
		await rig.stop();
	}
}
