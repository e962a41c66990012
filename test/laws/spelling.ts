import {type Token, tokenize, tokenName} from '../../source/core/ddl/lexer.ts';

/** Returns the same statement with another spelling: case of words, quotes of names, comments, whitespace, `==` and `<>`. */
export function respelled(sql: string, seed: number): string {
	let state = seed + 1;
	const next = (below: number) => {
		state = (state * 48_271) % 2_147_483_647;
		return state % below;
	};
	let before = '';
	return tokenize(sql)
		.map((token) => {
			// A bare word after DEFAULT is a string, so its case matters. A comment after GENERATED makes GENERATED a part of the declared type.
			const isKept = (before === 'DEFAULT' && token.kind === 'word') || (before === 'GENERATED' && token.kind === 'space');
			if (token.kind !== 'space') before = token.text;
			return isKept ? token.text : respelledToken(token, next);
		})
		.join('');
}

function respelledToken(token: Token, next: (below: number) => number): string {
	switch (token.kind) {
		case 'space':
			return [' ', '\n', '\t ', ` /* it's "a" comment; */ `, ' -- comment\n', '\r\n'][next(6)] as string;
		case 'word':
			return [token.text, token.text.toLowerCase(), token.text.toUpperCase()][next(3)] as string;
		case 'quotedName': {
			const name = tokenName(token);
			if (next(3) === 0 && !name.includes(']')) return `[${name}]`;
			return next(2) === 0 ? `\`${name.replaceAll('`', '``')}\`` : token.text;
		}
		case 'operator':
			return token.text === '<>' && next(2) === 0 ? '!=' : token.text === '=' && next(2) === 0 ? '==' : token.text;
		default:
			return token.text;
	}
}
