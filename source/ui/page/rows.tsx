import {Box, Text} from 'ink';
import {createContext, type ReactNode, useContext, useInsertionEffect} from 'react';
import {spansWidth} from './fit.ts';
import {type Line, textOf} from './line.ts';
import {theme} from './theme.ts';

export interface RowsProps {
	/** Laid out: safe, and not wider than the terminal. */
	readonly rows: readonly Line[];
}

/** Told how wide each row of the frame is that was drawn last. */
export const FrameContext = createContext<{widths: readonly number[]} | undefined>(undefined);

/** The rows of the screen in front. */
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

/** Draws laid out rows; the only place where text reaches the terminal. */
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
