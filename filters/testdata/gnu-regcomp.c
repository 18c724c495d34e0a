/*
 * What the GNU C library makes of extended regular expressions, compiled as Asterisk does
 * (manager.c, manager_add_filter: REG_EXTENDED | REG_NOSUB, in the locale C.UTF-8).
 *
 * It copies gnu-regcomp.txt from standard input to standard output with the results put in:
 *
 *     cc -o gnu-regcomp gnu-regcomp.c && ./gnu-regcomp <gnu-regcomp.txt >new.txt
 *
 * A line is a result (match, no or error), a tab, a pattern, a tab and a subject, where %XX is the byte
 * of that number. Other lines are copied as they are.
 */
#include <gnu/libc-version.h> /* only to refuse another C library */
#include <ctype.h>
#include <locale.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void decode(char *to, const char *from)
{
	while (*from) {
		if (from[0] == '%' && isxdigit((unsigned char)from[1]) && isxdigit((unsigned char)from[2])) {
			char digits[3] = { from[1], from[2], 0 };
			*to++ = (char)strtol(digits, NULL, 16);
			from += 3;
		} else {
			*to++ = *from++;
		}
	}
	*to = 0;
}

int main(void)
{
	static char line[1 << 16], pattern[1 << 16], subject[1 << 16];

	if (!setlocale(LC_ALL, "C.UTF-8")) {
		fprintf(stderr, "there is no locale C.UTF-8\n");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof line, stdin)) {
		char *first, *second;
		regex_t regex;
		const char *result;

		line[strcspn(line, "\n")] = 0;
		first = strchr(line, '\t');
		second = first ? strchr(first + 1, '\t') : NULL;
		if (!second) {
			puts(line);
			continue;
		}
		*second = 0;
		decode(pattern, first + 1);
		decode(subject, second + 1);
		*second = '\t';
		if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB)) {
			result = "error";
		} else {
			result = regexec(&regex, subject, 0, NULL, 0) ? "no" : "match";
			regfree(&regex);
		}
		printf("%s%s\n", result, first);
	}
	return 0;
}
