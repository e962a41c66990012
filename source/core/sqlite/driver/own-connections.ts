import {fileIdentity} from '../open-descriptors.ts';
import type {Driver} from './driver.ts';

/** Files that lite-migr has open in this thread, by identity. */
const open = new Map<string, {readonly driver: Driver; connections: number}>();

/** Records a connection that lite-migr has opened. Returns a function to call when it is closed. */
export function noteOpen(path: string, driver: Driver): () => void {
	const identity = fileIdentity(path);
	if (identity === undefined) return () => {};
	const entry = open.get(identity) ?? {driver, connections: 0};
	entry.connections += 1;
	open.set(identity, entry);
	let isOpen = true;
	return () => {
		if (!isOpen) return;
		isOpen = false;
		entry.connections -= 1;
		if (entry.connections === 0) open.delete(identity);
	};
}

/** Returns the driver with which lite-migr has a file open in this thread. Undefined if it does not have it open. */
export function ownDriverOf(path: string): Driver | undefined {
	return open.get(fileIdentity(path) ?? '')?.driver;
}
