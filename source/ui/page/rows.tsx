import {Box, Text} from 'ink';
import type {ReactNode} from 'react';
import {type Line, textOf} from './line.ts';
import {theme} from './theme.ts';

export interface RowsProps {
	/** Laid out: safe, and not wider than the terminal. */
	readonly rows: readonly Line[];
}

/** Draws laid out rows; the only place where text becomes a part of a frame. */
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
