/** Formats a number: `12,403`. */
export function count(value: number | bigint): string {
	return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** Formats a number with its unit: `1 row`, `12,403 rows`. */
export function plural(value: number, one: string, many = `${one}s`): string {
	return `${count(value)} ${value === 1 ? one : many}`;
}

/** Formats a rounded number briefly: `512k`, `1.2M`. */
export function short(value: number): string {
	if (value < 1000) return String(Math.round(value));
	if (value < 999_500) return `${value < 9950 ? (value / 1000).toFixed(1).replace('.0', '') : Math.round(value / 1000)}k`;
	return `${(value / 1_000_000).toFixed(1).replace('.0', '')}M`;
}

/** Formats a size in decimal units: `512 bytes`, `8 kB`, `12.4 MB`. */
export function bytes(value: number): string {
	if (value < 1000) return plural(Math.round(value), 'byte');
	const units = ['kB', 'MB', 'GB', 'TB'];
	let amount = value / 1000;
	let unit = 0;
	while (amount >= 999.5 && unit < units.length - 1) {
		amount /= 1000;
		unit++;
	}
	return `${amount < 99.95 ? amount.toFixed(1).replace('.0', '') : Math.round(amount)} ${units[unit]}`;
}

/** Formats a duration in milliseconds: `12 ms`, `2.7 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
	if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
	const seconds = milliseconds / 1000;
	if (seconds < 59.95) return `${seconds < 9.95 ? seconds.toFixed(1).replace('.0', '') : Math.round(seconds)} s`;
	const minutes = Math.floor(Math.round(seconds) / 60);
	if (minutes < 60) return joined(minutes, 'min', Math.round(seconds) % 60, 's');
	return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

/** Formats a fraction of 1: `71%`. */
export function percent(share: number): string {
	return `${Math.round(share * 100)}%`;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
	return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
