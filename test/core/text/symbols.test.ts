import {expect, test} from 'vitest';
import {asciiSymbols, symbolsFor, unicodeSymbols, withAsciiFallbacks} from '../../../source/core/text/symbols.ts';

test('symbolsFor uses Unicode if the locale is UTF-8', () => {
	expect(symbolsFor({LANG: 'en_US.UTF-8'}, 'linux')).toBe(unicodeSymbols);
	expect(symbolsFor({LC_ALL: 'C.utf8', LANG: 'C'}, 'linux')).toBe(unicodeSymbols);
	expect(symbolsFor({}, 'darwin')).toBe(unicodeSymbols);
	expect(symbolsFor({WT_SESSION: '1'}, 'win32')).toBe(unicodeSymbols);
});

test('symbolsFor uses ASCII fallbacks everywhere else', () => {
	expect(symbolsFor({}, 'linux')).toBe(asciiSymbols);
	expect(symbolsFor({LANG: 'en_US.UTF-8', LC_ALL: 'C'}, 'linux')).toBe(asciiSymbols);
	expect(symbolsFor({LANG: 'de_DE.ISO-8859-1'}, 'linux')).toBe(asciiSymbols);
	expect(symbolsFor({}, 'win32')).toBe(asciiSymbols);
});

test('withAsciiFallbacks replaces the symbols in a text with their ASCII fallbacks', () => {
	expect(withAsciiFallbacks('✗ zip TEXT → INTEGER · names 71% alike …')).toBe('x zip TEXT -> INTEGER - names 71% alike ...');
	expect(withAsciiFallbacks(Object.values(unicodeSymbols).join(''))).toMatch(/^[\x20-\x7e]+$/);
});
