import type {FindLinks} from '../../core/text/links.ts';

/** The capabilities of a terminal. Screens know nothing else about it. */
export interface Look {
	readonly columns: number;
	readonly rows: number;
	/** True to draw symbols and bars in ASCII, if the locale is not UTF-8. */
	readonly isAscii: boolean;
	/** Finds paths and URLs in lines. Absent if the terminal does not support links. */
	readonly links?: FindLinks;
	/** True if the mouse wheel may scroll pages. */
	readonly hasMouse?: boolean;
	/** Flags to insert into suggested commands: see `addressed`. */
	readonly address?: string;
}
