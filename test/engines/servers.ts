import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {isInstalled} from '../installed.ts';

/** Returns why the servers cannot run on this machine. Undefined if they can. */
export function whyNoServers(): string | undefined {
	const {header} = process.report.getReport() as {readonly header: {readonly glibcVersionRuntime?: string}};
	const platform = `${process.platform} ${process.arch}${process.platform === 'linux' && header.glibcVersionRuntime === undefined ? ' with musl' : ''}`;
	return platform === 'linux x64' ? undefined : `npm has no servers for ${platform}`;
}

/** Installs the servers from npm, unless they are there in the versions of the lock file. */
export async function installServers(): Promise<void> {
	if (isInstalled(import.meta.dirname)) return;
	try {
		await promisify(execFile)('npm', ['ci', '--prefix', import.meta.dirname, '--ignore-scripts', '--no-audit', '--no-fund']);
	} catch (error) {
		throw new Error('the servers could not be installed from npm; npx vitest run --project=!servers runs the other tests', {cause: error});
	}
}
