/** Limits that every analysis of RDMs keeps. */

/** Fewest words that give an RDM worth correlating (six pairs). */
export const fewestWords = 4;
