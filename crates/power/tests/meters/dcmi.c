/* The one DCMI command that a power meter needs, for ipmi_sim. Its own headers are
   in a package of their own, so what is used of them is declared here. */
#include <stdio.h>
#include <string.h>

typedef void (*handler)(void *mc, void *message, unsigned char *reply, unsigned int *length, void *data);
void ipmi_emu_register_group_extension_handler(unsigned char group, handler call, void *data);

static char path[4096];

/* Get Power Reading: the numbers in the file, as they stand now. */
static void power_reading(void *mc, void *message, unsigned char *reply, unsigned int *length, void *data)
{
    unsigned int watts = 0, period_ms = 1000, state = 0x40;
    FILE *file = fopen(path, "r");
    if (file) {
        if (fscanf(file, "%u %u %u", &watts, &period_ms, &state) < 1)
            watts = 0;
        fclose(file);
    }
    unsigned int numbers[4] = {watts, watts / 2, watts * 2, watts};
    memset(reply, 0, 19);
    reply[1] = 0xdc;
    for (int i = 0; i < 4; i++) {
        reply[2 + 2 * i] = numbers[i] & 0xff;
        reply[3 + 2 * i] = numbers[i] >> 8;
    }
    for (int i = 0; i < 4; i++)
        reply[14 + i] = period_ms >> (8 * i);
    reply[18] = state;
    *length = 19;
}

int ipmi_sim_module_print_version(void *sys, char *options) { return 0; }

int ipmi_sim_module_init(void *sys, const char *options)
{
    snprintf(path, sizeof path, "%s", options);
    ipmi_emu_register_group_extension_handler(0xdc, power_reading, NULL);
    return 0;
}
