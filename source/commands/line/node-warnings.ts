interface WarningSource {
	rawListeners(event: 'warning'): unknown[];
	removeAllListeners(event: 'warning'): unknown;
	on(event: 'warning', listener: (warning: Error & {readonly code?: string}) => void): unknown;
}

/**
 * Suppresses the warnings that Node prints when it loads a TypeScript model or migration: stripped types, and a missing `"type": "module"`. Users
 * cannot act on them. Other warnings are still printed.
 */
export function quietNodeWarnings(source: WarningSource): void {
	const printers = source.rawListeners('warning') as ((warning: Error) => void)[];
	source.removeAllListeners('warning');
	source.on('warning', (warning) => {
		if (isAboutTypeScript(warning)) return;
		for (const print of printers) print.call(source, warning);
	});
}

function isAboutTypeScript(warning: Error & {readonly code?: string}): boolean {
	return (
		warning.code === 'MODULE_TYPELESS_PACKAGE_JSON' ||
		(warning.name === 'ExperimentalWarning' && /Type Stripping|stripTypeScriptTypes/.test(warning.message))
	);
}
