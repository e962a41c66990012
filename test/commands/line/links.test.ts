import {expect, test} from 'vitest';
import {supportsLinks} from '../../../source/commands/line/terminal.ts';

test.each<[boolean, Record<string, string>]>([
	[false, {}],
	[false, {TERM: 'xterm-256color'}],
	[true, {TERM: 'xterm-kitty'}],
	[true, {TERM_PROGRAM: 'WezTerm'}],
	[true, {TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.5.0'}],
	[false, {TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.0.9'}],
	[true, {TERM_PROGRAM: 'vscode', TERM_PROGRAM_VERSION: '1.90.1'}],
	[false, {TERM_PROGRAM: 'Apple_Terminal', TERM_PROGRAM_VERSION: '455'}],
	[true, {VTE_VERSION: '7600'}],
	[false, {VTE_VERSION: '5000'}],
	[false, {VTE_VERSION: 'x'}],
	[true, {KONSOLE_VERSION: '230804'}],
	[true, {WT_SESSION: '1'}],
	[false, {VTE_VERSION: '7600', TMUX: '/tmp/tmux'}],
	[false, {VTE_VERSION: '7600', TERM: 'screen-256color'}],
	[false, {VTE_VERSION: '7600', NO_COLOR: '1'}],
	[false, {VTE_VERSION: '7600', TERM: 'dumb'}],
	[false, {VTE_VERSION: '7600', CI: 'true'}],
	[true, {FORCE_HYPERLINK: '1', TMUX: '/tmp/tmux'}],
	[false, {FORCE_HYPERLINK: '1', TERM: 'dumb'}],
	[false, {FORCE_HYPERLINK: '0', TERM: 'xterm-kitty'}],
])('%s for %o', (expected, env) => {
	expect(supportsLinks({env, platform: 'linux'})).toBe(expected);
});
