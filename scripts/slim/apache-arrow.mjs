// Only the client's helper for answers of ES|QL in Arrow's format needs it, which wwdb never asks for.
export {}
