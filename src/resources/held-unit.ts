import heldUnitText from './held-unit.sh';

/**
 * A program for POSIX sh that knows `hold_unit` and `release_unit`: what moves the data of a server holds it, and whatever
 * may be first to start one after that releases it.
 */
export const withHeldUnits = (program: string): string => heldUnitText + program;
