import {addressOf} from '../../core/text/address.ts';

/** Returns the flags that name the project and the database in an unparsed command line. Parse errors suggest commands and need them too. */
export function addressIn(argv: readonly string[]): string {
	const end = argv.indexOf('--');
	const before = end === -1 ? argv : argv.slice(0, end);
	// The file that `init` writes contains the database path.
	return addressOf({config: given('--config', before), db: before[0] === 'init' ? undefined : given('--db', before)});
}

function given(name: string, argv: readonly string[]): string | undefined {
	const at = argv.findIndex((token) => token === name || token.startsWith(`${name}=`));
	const value = argv[at] === name ? argv[at + 1] : argv[at]?.slice(name.length + 1);
	return value === '' ? undefined : value;
}
