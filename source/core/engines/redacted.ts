import {MigrError} from '../errors.ts';
import type {Engine} from './engine.ts';

/** Texts shorter than this are words of messages. */
const shortest = 4;

/**
 * Returns an engine that removes credentials from its errors. A server, or a proxy in between, can repeat the headers of a request in its answer.
 *
 * @param secrets the credentials, undefined if they are not set
 */
export function redacted(engine: Engine, secrets: readonly (string | undefined)[]): Engine {
	const known = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= shortest);
	if (known.length === 0) return engine;
	const withoutSecrets = (text: string): string => known.reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
	const cleanError = (error: MigrError): MigrError => {
		const {code, message, hint, details, location} = error;
		const cleaned = {
			message: withoutSecrets(message),
			hint: hint === undefined ? undefined : withoutSecrets(hint),
			details: details.map(withoutSecrets),
		};
		const isClean = cleaned.message === message && cleaned.hint === hint && cleaned.details.every((each, index) => each === details[index]);
		return isClean ? error : new MigrError(code, cleaned.message, {...cleaned, location});
	};
	const checked = async <T>(work: Promise<T>): Promise<T> => {
		try {
			return await work;
		} catch (error) {
			throw error instanceof MigrError ? cleanError(error) : error;
		}
	};
	const {wayBack} = engine;
	return {
		...engine,
		query: (queries) => checked(engine.query(queries)),
		features: () => checked(engine.features()),
		...(wayBack === undefined ? {} : {wayBack: () => checked(wayBack())}),
		apply: async (statements) => {
			const outcome = await checked(engine.apply(statements));
			return outcome.kind === 'committed' ? outcome : {...outcome, error: cleanError(outcome.error)};
		},
	};
}
