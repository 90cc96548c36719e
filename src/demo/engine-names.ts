// The engines that the demo can run on, by what they are called on the command line. The first is taken where nothing is said.
export const engineNames = ["postgres", "mariadb"] as const;

export type EngineName = (typeof engineNames)[number];
