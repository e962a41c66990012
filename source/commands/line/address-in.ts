import {addressOf} from '../../core/text/address.ts';

/** Returns the flags that name the project and the database in an unparsed command line. Parse errors suggest commands and need them too. */
export function addressIn(argv: readonly string[]): string {
	const end = argv.indexOf('--');
	const before = end === -1 ? argv : argv.slice(0, end);
	// The file that `init` writes contains the database path.
	const databases = before[0] === 'init' ? [] : given('--db', before);
	return addressOf({config: given('--config', before)[0], databases, dbList: given('--db-list', before)[0]});
}

/** Returns all values of a flag. */
function given(name: string, argv: readonly string[]): readonly string[] {
	return argv
		.flatMap((token, at) => {
			if (token === name) return argv[at + 1] ?? [];
			return token.startsWith(`${name}=`) ? token.slice(name.length + 1) : [];
		})
		.filter((value) => value !== '');
}
