import {textOf} from '../../../source/ui/page/line.ts';
import type {Look} from '../../../source/ui/page/look.ts';
import {layout, type Page} from '../../../source/ui/page/page.ts';
import type {Screen} from '../../../source/ui/page/screen.ts';

/** Returns a page as the text that a user reads. */
export function pageText(page: Page, look: Look): string {
	return layout(page, look)
		.rows.map((row) => textOf(row).trimEnd())
		.join('\n');
}

/** Returns the initial text of a screen. */
export function screenText<State, Result>(screen: Screen<State, Result>, look: Look, state: State = screen.initial(0)): string {
	return pageText(screen.view(state, look), look);
}
