/** Modules of Python's standard library that never create a DbField. */
const modules = new Set(
	`__future__ abc array ast asyncio base64 binascii bisect calendar collections colorsys concurrent configparser contextvars csv ctypes dataclasses
	datetime decimal difflib email enum errno fnmatch fractions getpass gettext glob gzip hashlib heapq hmac html http inspect io ipaddress json keyword
	locale logging math mimetypes multiprocessing numbers os pathlib pickle platform pprint queue random re reprlib secrets select shelve shlex shutil
	signal smtplib socket sqlite3 ssl stat statistics string stringprep struct subprocess sys sysconfig tempfile textwrap threading time timeit token
	tokenize tomllib traceback types typing typing_extensions unicodedata urllib uuid warnings weakref xml zipfile zlib zoneinfo`.split(/\s+/),
);

/** Modules of the standard library whose functions may return their arguments, including a DbField. */
const relays = new Set(['builtins', 'contextlib', 'copy', 'copyreg', 'functools', 'importlib', 'itertools', 'operator', 'unittest']);

/** Builtins that never create a DbField when they are called. */
const builtins = new Set(
	`object int str float bool bytes bytearray complex list dict set tuple frozenset range property staticmethod classmethod len abs round min max sum
	print repr hash id ord chr hex oct bin format input open super slice memoryview Exception ValueError TypeError RuntimeError KeyError LookupError
	AttributeError NotImplementedError NotImplemented`.split(/\s+/),
);

/** Builtins that may do anything. */
const powers = new Set(
	'type getattr setattr delattr vars locals globals eval exec compile next iter map filter zip sorted reversed enumerate __import__'.split(' '),
);

export function isStandardModule(path: string): boolean {
	const [top = ''] = path.split('.');
	return modules.has(top) || relays.has(top);
}

/** True if calling `name` cannot create or change a DbField. `name` is a builtin, or a name with its module and a dot. */
export function isHarmless(name: string): boolean {
	const [top = '', ...rest] = name.split('.');
	return rest.length === 0 ? builtins.has(top) || modules.has(top) : modules.has(top);
}

export function isBuiltin(name: string): boolean {
	return builtins.has(name) || powers.has(name);
}
