import {Box, Text, Transform} from 'ink';
import {createContext, type ReactNode, useContext, useInsertionEffect} from 'react';
import {hyperlink} from '../../core/text/links.ts';
import {spansWidth} from './fit.ts';
import {type Line, type Span, textOf} from './line.ts';
import {theme} from './theme.ts';

export interface RowsProps {
	/** Rows from `layout`: safe, and not wider than the terminal. */
	readonly rows: readonly Line[];
}

/** Receives the width of each row of the last drawn frame, and whether lines that stay were written above it. */
export const FrameContext = createContext<{widths: readonly number[]; hasNewLinesAbove?: boolean} | undefined>(undefined);

/** Draws the rows of the current screen. */
export function Frame({rows}: RowsProps): ReactNode {
	const frame = useContext(FrameContext);
	useInsertionEffect(() => {
		if (frame !== undefined) frame.widths = rows.map((row) => spansWidth(row.spans));
		return () => {
			if (frame !== undefined) frame.widths = [];
		};
	});
	return <Rows rows={rows} />;
}

/** Draws rows from `layout`. This is the only place that writes text to the terminal. */
export function Rows({rows}: RowsProps): ReactNode {
	return (
		<Box flexDirection="column">
			{rows.map((row, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a row is its place on the screen
				<Row key={index} row={row} />
			))}
		</Box>
	);
}

function Row({row}: {readonly row: Line}): ReactNode {
	const {role, label, isSelected, isDisabled, isHidden} = row.reading ?? {};
	const state = {...(isSelected === undefined ? {} : {selected: isSelected}), ...(isDisabled === undefined ? {} : {disabled: isDisabled})};
	const isBlank = textOf(row).trim() === '';
	return (
		<Box
			{...(role === undefined ? {} : {'aria-role': role})}
			aria-state={state}
			aria-hidden={isHidden ?? false}
			{...(label === undefined ? {} : {'aria-label': label})}
		>
			<Text wrap="truncate-end">
				{isBlank
					? ' '
					: row.spans.map((part, index) => (
							// biome-ignore lint/suspicious/noArrayIndexKey: a span is its place in the row
							<Piece key={index} part={part} />
						))}
			</Text>
		</Box>
	);
}

function Piece({part: {text, tone, link}}: {readonly part: Span}): ReactNode {
	const piece = <Text {...(tone === undefined ? {} : theme[tone])}>{text}</Text>;
	if (link === undefined) return piece;
	// The escape sequences are added after the layout, so they have no width and are never cut.
	return <Transform transform={(shown) => hyperlink({text: shown, target: link}, idOf(link))}>{piece}</Transform>;
}

/** Returns a short id of a target, which makes its pieces on several rows one link. */
function idOf(target: string): string {
	let hash = 0;
	for (let index = 0; index < target.length; index++) hash = (Math.imul(hash, 31) + target.charCodeAt(index)) >>> 0;
	return hash.toString(36);
}
