import description from '../../package.json' with {type: 'json'};

/** The version of lite-migr. */
export const version: string = description.version;
