/**
 * The names in a folder of backups. A run on one database reads the folder each time. In a fleet whose databases share a folder, that would take longer
 * than the backups themselves, so the folder is read once for each thread, and backups that the fleet takes and removes are added and removed.
 */
export interface FolderNames {
	/** Returns the names that may be backups of a database whose name without extension is `stem`. */
	ofStem(folder: string, stem: string): readonly string[];
	/** True if a file of this name exists, in any case. */
	has(folder: string, name: string): boolean;
	/** Records that a backup was taken. */
	add(folder: string, name: string): void;
	/** Records that a backup was removed. */
	remove(folder: string, name: string): void;
}

/** Returns the names of folders that are read once. `read` returns the current names in a folder. */
export function rememberedNames(read: (folder: string) => readonly string[]): FolderNames {
	const folders = new Map<string, {readonly lower: Set<string>; readonly byStem: Map<string, Set<string>>}>();
	const add = (folder: string, name: string) => {
		const {lower, byStem} = known(folder);
		lower.add(name.toLowerCase());
		for (const stem of stemsOf(name)) byStem.set(stem, (byStem.get(stem) ?? new Set()).add(name));
	};
	const known = (folder: string) => {
		const before = folders.get(folder);
		if (before !== undefined) return before;
		const fresh = {lower: new Set<string>(), byStem: new Map<string, Set<string>>()};
		folders.set(folder, fresh);
		for (const name of read(folder)) add(folder, name);
		return fresh;
	};
	return {
		ofStem: (folder, stem) => [...(known(folder).byStem.get(stem) ?? [])],
		has: (folder, name) => known(folder).lower.has(name.toLowerCase()),
		add,
		remove(folder, name) {
			const {lower, byStem} = known(folder);
			lower.delete(name.toLowerCase());
			for (const stem of stemsOf(name)) byStem.get(stem)?.delete(name);
		},
	};
}

/** Returns the possible database names in the name of a backup: everything before a time. */
function stemsOf(name: string): readonly string[] {
	return [...name.matchAll(/-(?=\d{8}T\d{6})/g)].map(({index}) => name.slice(0, index));
}
