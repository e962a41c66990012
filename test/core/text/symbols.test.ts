import {expect, test} from 'vitest';
import {asciiSymbols, symbolsFor, unicodeSymbols, withTwins} from '../../../source/core/text/symbols.ts';

test('uses Unicode where the locale says so', () => {
	expect(symbolsFor({LANG: 'en_US.UTF-8'}, 'linux')).toBe(unicodeSymbols);
	expect(symbolsFor({LC_ALL: 'C.utf8', LANG: 'C'}, 'linux')).toBe(unicodeSymbols);
	expect(symbolsFor({}, 'darwin')).toBe(unicodeSymbols);
	expect(symbolsFor({WT_SESSION: '1'}, 'win32')).toBe(unicodeSymbols);
});

test('uses ASCII twins everywhere else', () => {
	expect(symbolsFor({}, 'linux')).toBe(asciiSymbols);
	expect(symbolsFor({LANG: 'en_US.UTF-8', LC_ALL: 'C'}, 'linux')).toBe(asciiSymbols);
	expect(symbolsFor({LANG: 'de_DE.ISO-8859-1'}, 'linux')).toBe(asciiSymbols);
	expect(symbolsFor({}, 'win32')).toBe(asciiSymbols);
});

test('turns the signs in a text into their twins', () => {
	expect(withTwins('✗ zip TEXT → INTEGER · names 71 % alike …')).toBe('x zip TEXT -> INTEGER - names 71 % alike ...');
	expect(withTwins(Object.values(unicodeSymbols).join(''))).toMatch(/^[\x20-\x7e]+$/);
});
