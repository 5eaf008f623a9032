/**
 * Names: the models of the simulated upstream, as the configuration of every target must have them.
 * @module
 */

export const MEMBERS = ["member-1", "member-2", "member-3", "member-4", "member-5"] as const;
/** The member of the panel of five that lags in the straggler's figure. */
export const STRAGGLER = MEMBERS[4];
export const JUDGE = "judge";
export const SYNTHESIZER = "synthesizer";
