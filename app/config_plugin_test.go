package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/astproxy/astproxy/ami"
	"github.com/astproxy/astproxy/plugins"
)

// useKinds has only these plugins there during a test.
func useKinds(t *testing.T, only ...plugins.Kind) {
	before := kinds
	kinds = only
	t.Cleanup(func() { kinds = before })
}

// doorbell is a plugin with every kind of key.
type doorbell struct {
	Sound   string        `toml:"sound"`
	Pause   time.Duration `toml:"pause"`
	Doors   []doorConfig  `toml:"door"`
	Chime   chime         `toml:"chime"`
	Silent  []string      `toml:"silent"`
	folder  string
	invalid error
}

type doorConfig struct {
	Name string `toml:"name"`
	Bell int    `toml:"bell"`
}

// SetDefaults implements plugins.Defaulter.
func (d *doorConfig) SetDefaults() { d.Bell = 1 }

type chime struct {
	Loud bool   `toml:"loud"`
	Tone string `toml:"tone"`
}

// Root implements plugins.Rooted.
func (d *doorbell) Root(folder string) { d.folder = folder }

// Validate implements plugins.Validator.
func (d *doorbell) Validate() error {
	var wrong []error
	if d.Sound == "none" {
		wrong = append(wrong, plugins.Wrong("sound", "there is no sound %q", d.Sound))
	}
	for i, door := range d.Doors {
		if door.Name == "" {
			wrong = append(wrong, plugins.Wrong("door["+string(rune('0'+i))+"].name", "a door has no name"))
		}
	}
	if d.Chime.Tone == "x" {
		wrong = append(wrong, plugins.Wrong("chime.tone", "x is no tone"))
	}
	if slices.Contains(d.Silent, "never") {
		wrong = append(wrong, plugins.Wrong("silent[1]", "never is no hour"))
	}
	return errors.Join(append(wrong, d.invalid)...)
}

// bell is the plugin itself.
type bell struct{ sound string }

// Run implements plugins.Plugin.
func (bell) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Actions implements plugins.Actor.
func (b bell) Actions() []plugins.Action {
	run := func(context.Context, plugins.Caller, ami.Message) (plugins.Answer, error) {
		return plugins.Answer{Response: new(ami.Builder).Add("Message", b.sound)}, nil
	}
	return []plugins.Action{{Name: "Ring", Class: ami.ClassCall, FromDialplan: true, Run: run}, {Name: "Mute", Class: ami.ClassCall, Run: run}}
}

var doorbellKind = plugins.Kind{
	Name:   "doorbell",
	Config: func() any { return &doorbell{Sound: "ding", Pause: time.Second} },
	New: func(_ plugins.Host, config any) (plugins.Plugin, error) {
		if config.(*doorbell).Sound == "broken" {
			return nil, errors.New("it is broken")
		}
		return bell{config.(*doorbell).Sound}, nil
	},
}

func TestAPluginsTableIsReadIntoItsConfiguration(t *testing.T) {
	useKinds(t, doorbellKind)
	config := load(t, explained)
	if own := config.Plugins[0].Own.(*doorbell); !config.Plugins[0].Enabled || own.Sound != "ding" || own.Pause != time.Second {
		t.Errorf("without a table it is %+v", own)
	}
	t.Setenv("SOUND", "dong")
	config = load(t, explained+`
[plugin.doorbell]
triggers = ["ring"]
sound = "${SOUND}"
pause = "2m"
silent = ["22", "23"]
chime = { loud = true, tone = "c" }
[[plugin.doorbell.door]]
name = "front"
[[plugin.doorbell.door]]
name = "back"
bell = 2
`)
	own := config.Plugins[0].Own.(*doorbell)
	if own.Sound != "dong" || own.Pause != 2*time.Minute || !own.Chime.Loud || len(own.Silent) != 2 ||
		!slices.Equal(own.Doors, []doorConfig{{"front", 1}, {"back", 2}}) || own.folder == "" {
		t.Errorf("it is %+v", own)
	}
	if setups := config.Plugins.setups(); len(setups) != 1 || !slices.Equal(setups[0].Triggers, []string{"ring"}) {
		t.Errorf("what is to run is %+v", setups)
	}
	if config = load(t, explained+"\n[plugin.doorbell]\nenabled = false\nsound = 'none'"); len(config.Plugins.setups()) != 0 {
		t.Error("it is to run although it is switched off")
	}
}

func TestWhatIsWrongWithAPluginIsSaidWithItsPlace(t *testing.T) {
	useKinds(t, doorbellKind)
	for text, want := range map[string]string{
		"[plugin.dorbell]":                                   `1:9: there is no plugin "dorbell"; did you mean "doorbell"?`,
		"plugin = 3":                                         `1:1: plugin is tables, not a whole number; write [plugin.NAME]`,
		"plugin.doorbell = 3":                                `1:8: doorbell is one table, not a whole number; write [plugin.doorbell]`,
		"[plugin.doorbell]\nsuond = 'x'":                     `2:1: unknown key "suond"; did you mean "sound"?`,
		"[plugin.doorbell]\nenabled = 'no'":                  `2:1: enabled must be true or false, not a text`,
		"[plugin.doorbell]\nsound = 'none'":                  `2:1: there is no sound "none"`,
		"[plugin.doorbell]\npause = 3":                       `2:1: pause must be a duration such as "10s", not a whole number`,
		"[plugin.doorbell]\n[[plugin.doorbell.door]]":        `2:19: a door has no name`,
		"[plugin.doorbell]\ndoor = [{name='a'}, {bell=2}]":   `2:21: a door has no name`,
		"[plugin.doorbell.chime]\ntone = 'x'":                `2:1: x is no tone`,
		"[plugin.doorbell.chime]\ntune = 'x'":                `2:1: unknown key "tune"; did you mean "tone"?`,
		"[plugin.doorbell]\nsilent = ['22', 'never']":        `2:17: never is no hour`,
		"[plugin.doorbell]\nsound = 'broken'":                `1:9: it is broken`,
		"[plugin.doorbell]\ntriggers = ['Ring', 'Bing']":     `2:21: Bing is no action of the plugin's that the dialplan may ask for; there are Ring`,
		"[plugin.doorbell]\ntriggers = ['Mute']":             `2:13: Mute is no action of the plugin's that the dialplan may ask for; there are Ring`,
		"[plugin.doorbell]\nsecret = 'hunter2'\nenabled = 1": "2:1: unknown key \"secret\"; known here: chime, door, enabled, pause, silent, sound, triggers\nastproxy.toml:3:1: enabled must be true or false, not a whole number",
	} {
		expectProblems(t, text+"\n"+goodServer+goodListen+goodUser, []string{want})
	}
}

func TestExplainKnowsTheActionsOfPlugins(t *testing.T) {
	useKinds(t, doorbellKind)
	var said strings.Builder
	may, err := load(t, explained).Explain(&said, "anna", ami.Parse("Action: ring\r\n\r\n"), "")
	if !may || err != nil || !strings.HasPrefix(said.String(), "anna may send the action ring\nby write: ") {
		t.Errorf("%v %v %s", may, err, said.String())
	}
}
