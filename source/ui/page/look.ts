/** What a terminal can show: all that a screen has to know of it. */
export interface Look {
	readonly columns: number;
	readonly rows: number;
	/** Signs and bars in ASCII, where the locale is not UTF-8. */
	readonly isAscii: boolean;
	/** What commands that are told get: see `addressed`. */
	readonly address?: string;
}
