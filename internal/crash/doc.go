// Package crash proves that nothing acknowledged is lost, and that nothing leaks: the built program is killed,
// its disk loses power, fails or is full, its file is damaged, and an oracle of what
// callers were told is compared with what is there afterwards (reliability-security.md
// §8 G1 to G5, recipes in §10). "make crash" runs it and prints the figures.
package crash
