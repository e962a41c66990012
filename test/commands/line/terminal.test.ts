import {expect, test} from 'vitest';
import {canDrawScreens, wantsColor} from '../../../source/commands/line/terminal.ts';

const both = {stdinIsTerminal: () => true, stdoutIsTerminal: true};

test('screens are drawn only on a terminal', () => {
	expect(canDrawScreens({...both, env: {TERM: 'xterm'}})).toBe(true);
	expect(canDrawScreens({...both, env: {}})).toBe(true);
	expect(canDrawScreens({...both, env: {CI: 'false'}})).toBe(true);
	expect(canDrawScreens({stdinIsTerminal: () => false, stdoutIsTerminal: true, env: {}})).toBe(false);
	expect(canDrawScreens({stdinIsTerminal: () => true, stdoutIsTerminal: false, env: {}})).toBe(false);
	expect(canDrawScreens({...both, env: {TERM: 'dumb'}})).toBe(false);
	expect(canDrawScreens({...both, env: {CI: 'true'}})).toBe(false);
	expect(canDrawScreens({...both, env: {CI: ''}})).toBe(false);
	expect(canDrawScreens({...both, env: {CONTINUOUS_INTEGRATION: '1'}})).toBe(false);
});

test('colors depend on the terminal, NO_COLOR, FORCE_COLOR and the flag', () => {
	expect(wantsColor({stdoutIsTerminal: true, env: {}}, false)).toBe(true);
	expect(wantsColor({stdoutIsTerminal: false, env: {}}, false)).toBe(false);
	expect(wantsColor({stdoutIsTerminal: true, env: {NO_COLOR: '1'}}, false)).toBe(false);
	expect(wantsColor({stdoutIsTerminal: true, env: {NO_COLOR: ''}}, false)).toBe(true);
	expect(wantsColor({stdoutIsTerminal: true, env: {FORCE_COLOR: '1'}}, true)).toBe(false);
	expect(wantsColor({stdoutIsTerminal: false, env: {FORCE_COLOR: '1'}}, false)).toBe(true);
	expect(wantsColor({stdoutIsTerminal: true, env: {FORCE_COLOR: '0'}}, false)).toBe(false);
	expect(wantsColor({stdoutIsTerminal: true, env: {TERM: 'dumb'}}, false)).toBe(false);
});
