import {oldNameIn} from '../../ddl/annotations.ts';
import type {Comment} from './lexer.ts';
import {prismaError} from './prisma-error.ts';

/** The lines of a definition, and the last line of the definition before it. */
export interface Lines {
	readonly before: number;
	readonly from: number;
	readonly to: number;
}

/** Assigns the comments that declare a rename, `// @renamed from=name`, to definitions. */
export interface RenameComments {
	/** Returns the old name that a comment on the lines of the definition declares, or a comment on its own lines above it. */
	of(lines: Lines): string | undefined;
	/** @throws MigrError `model` at a comment that belongs to no definition */
	finish(): void;
}

export function renameComments(file: string, comments: readonly Comment[]): RenameComments {
	const renames = comments.flatMap((comment) => {
		const name = oldNameIn(comment.text);
		// A line that was commented out as a whole may also end in a comment.
		const counts = name !== undefined && (!comment.isFirstOnLine || /^\/[/*]+\s*@/.test(comment.text));
		return counts ? [{name, line: comment.line, isAbove: comment.isFirstOnLine}] : [];
	});
	const used = new Set<(typeof renames)[number]>();
	return {
		of: ({before, from, to}) => {
			const own = renames.filter(({line, isAbove}) => (isAbove ? line > before && line < from : line >= from && line <= to));
			for (const rename of own) used.add(rename);
			const [first, second] = own;
			if (second !== undefined && first?.name !== second.name)
				throw prismaError({file, line: second.line}, 'two comments declare different old names');
			return first?.name;
		},
		finish: () => {
			const unused = renames.find((rename) => !used.has(rename));
			if (unused === undefined) return;
			throw prismaError(
				{file, line: unused.line},
				'this rename belongs to no field or model',
				'write it on the line of the field or model, or above it',
			);
		},
	};
}
