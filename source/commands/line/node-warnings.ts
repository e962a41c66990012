interface WarningSource {
	rawListeners(event: 'warning'): unknown[];
	removeAllListeners(event: 'warning'): unknown;
	on(event: 'warning', listener: (warning: Error & {readonly code?: string}) => void): unknown;
}

/**
 * Keeps back what Node warns of when it loads a model or a migration in TypeScript (that types are stripped, that the folder has no
 * `"type": "module"`): the user can do nothing about it. Every other warning is printed as before.
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
