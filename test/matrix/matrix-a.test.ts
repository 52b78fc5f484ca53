import { matrixPart } from './matrix.ts';

matrixPart(0, 2);
