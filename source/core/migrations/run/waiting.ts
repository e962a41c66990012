import type {TransactionOptions} from '../../sqlite/transaction.ts';
import type {NoticeEvent} from '../event.ts';
import type {ApplyOptions} from './apply-options.ts';

/** How a run waits for somebody else's lock: so long, until it is cancelled, and with a notice that tells for whom. */
export function waitingAloud({wait, signal}: ApplyOptions, emit: (event: NoticeEvent) => void): TransactionOptions {
	return {
		...(wait === undefined ? {} : {wait}),
		...(signal === undefined ? {} : {signal}),
		onWait: (holders) => emit({type: 'notice', message: `waiting for the lock${holders.length === 0 ? '' : ` of ${holders.join(', ')}`}`}),
	};
}
