import {Box, Text} from 'ink';
import {createContext, type ReactNode, useContext, useInsertionEffect} from 'react';
import {spansWidth} from './fit.ts';
import {type Line, textOf} from './line.ts';
import {theme} from './theme.ts';

export interface RowsProps {
	/** Rows from `layout`: safe, and not wider than the terminal. */
	readonly rows: readonly Line[];
}

/** Receives the width of each row of the last drawn frame. */
export const FrameContext = createContext<{widths: readonly number[]} | undefined>(undefined);

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
							<Text key={index} {...(part.tone === undefined ? {} : theme[part.tone])}>
								{part.text}
							</Text>
						))}
			</Text>
		</Box>
	);
}
