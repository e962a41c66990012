import type {parser} from '@lezer/python';

/** Types of the parser, which @lezer/python does not export itself. */
export type Tree = ReturnType<typeof parser.parse>;
export type SyntaxNode = Tree['topNode'];
export type SyntaxNodeRef = Parameters<Parameters<Tree['iterate']>[0]['enter']>[0];
